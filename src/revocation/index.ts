export { RevocationModule, RevocationMonitorModule } from './revocation.module';
export { RevocationService } from './revocation.service';
